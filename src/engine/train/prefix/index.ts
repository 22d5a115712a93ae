export { cacheOptions, type CacheOptions } from './cache.ts';
export { Prefix } from './prefix.ts';
