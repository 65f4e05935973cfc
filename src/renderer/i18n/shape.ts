/** The same keys with other sentences: what a translation of an area has to be. */
export type Translation<T> = { readonly [K in keyof T]: T[K] extends string ? string : Translation<T[K]> };
