package org.lorica.data;

import java.io.Serializable;

/** What a model reads of an example: token ids or an image. */
public sealed interface Input extends Serializable permits Tokens, Image {}
