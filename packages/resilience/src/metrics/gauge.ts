/**
 * Owns one number that goes up and down: the present measure of something.
 * Must never know what is measured, nor keep any history.
 */

/** A present value: either set from outside, or read through a function whenever somebody looks. */
export class Gauge {
  #value = 0;
  #read: (() => number) | undefined;

  /** Sets the value, and ends reading through a function. */
  set(value: number): void {
    this.#value = value;
    this.#read = undefined;
  }

  /** Moves the value up, or down by a negative amount, and ends reading through a function. */
  add(amount: number): void {
    this.set(this.value + amount);
  }

  /** From now on the value is whatever the function gives. */
  follow(read: () => number): void {
    this.#read = read;
  }

  /** Throws what the function throws, if it follows one. */
  get value(): number {
    return this.#read === undefined ? this.#value : this.#read();
  }
}
