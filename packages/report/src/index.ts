export { waitingHtml } from "./page/page.js";
export { buildReport, writeReport } from "./report.js";
