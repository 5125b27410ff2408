#!/usr/bin/env node
/**
 * Owns the name of the command that seals; it is here, and not built, so that it can be linked before anything is.
 * It must never do anything itself.
 */
import '../dist/node/seal-main.js';
