"""How the portal runs: the embedded worker, the one-process web server of the demo, the health probes."""
