export declare function newMethod(root: string, name: string): Promise<string[]>;
