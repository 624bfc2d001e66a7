export declare function methodPackages(): string[];
