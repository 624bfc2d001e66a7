/** What models that rank items are judged by where nobody says. */
export const rankingMetrics: readonly string[] = [
  "ndcg@10",
  "recall@10",
  "precision@10",
  "ndcg@20",
  "recall@20",
  "precision@20",
];

/** The same for models of labelled rows. */
export const classificationMetrics: readonly string[] = ["auc", "gauc", "ne", "logloss"];
