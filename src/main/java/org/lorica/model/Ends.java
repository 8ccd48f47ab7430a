package org.lorica.model;

/** What stands below the first and above the last layer: embedding and task head. */
interface Ends extends Embedding, Head {}
