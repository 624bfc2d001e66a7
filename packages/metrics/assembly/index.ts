// The kernels of full ranking. Memory is laid out by src/topk.
export { finish, nanItem, nanUser, rank, setState } from "./rank";
export { packItems, packUsers, norms, setBounds, setFilter, settle, sift } from "./filter";
