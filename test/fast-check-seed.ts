import fc from "fast-check";

// Every run draws the same examples, so that a failure is the change's and can be repeated; a campaign sets its own seed.
fc.configureGlobal({ seed: Number(process.env["FAST_CHECK_SEED"] ?? 1) });
