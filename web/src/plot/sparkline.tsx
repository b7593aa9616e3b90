/** How the values of a tensor are distributed, as small as a word. */

import { type Spark, sparkPath } from "../rows/sparks.js";

export function Sparkline({ spark }: { spark: Spark }) {
  return (
    <>
      {spark.notFinite !== "" && spark.bars.length > 0 && (
        <span class="mark warn" title={`Has values that are ${spark.notFinite}`}>
          {spark.notFinite}
        </span>
      )}
      {spark.bars.length === 0 ? (
        <span class="size">{spark.words}</span>
      ) : (
        <svg class="spark" viewBox="0 0 64 14" width="64" height="14" aria-hidden="true">
          <path d={sparkPath(spark.bars, 64, 14)} />
        </svg>
      )}
    </>
  );
}
