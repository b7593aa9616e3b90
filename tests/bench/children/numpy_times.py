# Medians in milliseconds of what numpy needs for the statistics and the histogram of a file's
# float32 elements. Arguments: path, byte offset, element count.
import json
import sys
import time

import numpy


def median(run):
    times = []
    for _ in range(6):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1000)
    return sorted(times[1:])[2]


x = numpy.fromfile(sys.argv[1], "<f4", int(sys.argv[3]), offset=int(sys.argv[2]))
print(json.dumps({
    "version": numpy.__version__,
    "stats": median(lambda: (x.min(), x.max(), x.mean(), x.std(ddof=1))),
    "histogram": median(lambda: numpy.histogram(x, 256)),
}))
