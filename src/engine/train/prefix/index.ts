export { cacheOptions, FeatureCache, type CacheOptions } from './cache.ts';
export { Prefix } from './prefix.ts';
