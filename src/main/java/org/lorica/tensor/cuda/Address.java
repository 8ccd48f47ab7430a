package org.lorica.tensor.cuda;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/** An address of the device, as JavaCPP passes it on. */
final class Address extends FloatPointer {
  Address(long address) {
    super((Pointer) null);
    at(address);
  }

  /** The same object at another address, so that calls leave no garbage. */
  Address at(long next) {
    address = next;
    return this;
  }
}
