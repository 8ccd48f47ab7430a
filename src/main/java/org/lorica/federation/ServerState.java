package org.lorica.federation;

import org.lorica.lora.AdapterSet;

/**
 * What the server holds between two rounds; with the round's number and the ledger, all that a
 * resumed run needs beside its configuration.
 */
public record ServerState(AdapterSet adapter, StrategyState strategy) {}
