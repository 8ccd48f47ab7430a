package org.lorica.data;

/** What a model reads of an example: token ids or an image. */
public sealed interface Input permits Tokens, Image {}
