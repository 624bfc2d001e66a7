import type { Paper } from "@gradpool/core";

export const paper: Paper = {
  title: "Towards Impartial Multi-task Learning",
  authors: "Liyang Liu, Yi Li, Zhanghui Kuang, Jing-Hao Xue, Yimin Chen, Wenming Yang, Qingmin Liao, Wayne Zhang",
  year: 2021,
  venue: "ICLR",
  url: "https://openreview.net/forum?id=IMPnRXEWpvr",
};
