"""The baseline: fetches a list of URLs with only aiohttp, static tokens, and bounded concurrency.

Run as `python -m bench.bare_client JOB`; JOB is a JSON file with `urls` (pairs of token name and URL), `tokens`,
`ca_file` and `concurrency`. Prints one line of JSON: the number of answers by status, bytes, and seconds of fetching.
"""

import asyncio
import json
import ssl
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp


async def fetch(job: dict[str, Any]) -> dict[str, object]:
    """Fetch the URLs of `job` and return the counts."""
    statuses: Counter[str] = Counter()
    received = 0
    waiting = iter(job["urls"])

    async def work() -> None:
        nonlocal received
        for kind, url in waiting:
            headers = {"Authorization": f"Bearer {job['tokens'][kind]}"}
            async with session.get(url, headers=headers, allow_redirects=False) as answer:
                received += len(await answer.read())
                statuses[str(answer.status)] += 1

    trust = ssl.create_default_context(cafile=job["ca_file"])
    connector = aiohttp.TCPConnector(limit=job["concurrency"], ssl=trust)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=True) as session:
        begun = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(job["concurrency"])))
        seconds = time.perf_counter() - begun
    return {"statuses": dict(statuses), "bytes": received, "seconds": seconds}


def main() -> None:
    """Read the job, run it, and print the result."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    print(json.dumps(asyncio.run(fetch(job))))


if __name__ == "__main__":
    main()
