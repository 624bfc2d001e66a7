export { buildReport, writeReport } from "./report.js";
