// Validation by Standard Schema (https://standardschema.dev), which zod, valibot and arktype have.

/** A schema of whichever library, as far as it is used. */
export interface Schema<Value> {
  /** What the standard asks for. */
  readonly "~standard": {
    /** The version of the standard. */
    readonly version: 1;
    /** The library. */
    readonly vendor: string;
    /** Says whether a value is valid, and makes another one of it if it likes. */
    readonly validate: (value: unknown) => Validated<Value> | Promise<Validated<Value>>;
  };
}

/** A valid value, or what is wrong with it. */
export type Validated<Value> =
  | {
      /** The value. */
      readonly value: Value;
      /** None. */
      readonly issues?: undefined;
    }
  | {
      /** All that is wrong. */
      readonly issues: readonly Issue[];
    };

/** What is wrong, and where. */
export interface Issue {
  /** What is wrong, in words. */
  readonly message: string;
  /** Where, from the outside in. */
  readonly path?:
    | readonly (
        | PropertyKey
        | {
            /** A name or an index. */
            readonly key: PropertyKey;
          }
      )[]
    | undefined;
}

/** A message that is not what its schema says. */
export class SchemaError extends Error {
  /** The same in every copy of the package, and when the code is minified. */
  static override readonly name: string = "SchemaError";
  /** All that is wrong with it. */
  readonly issues: readonly Issue[];

  /** One about these. Throws nothing. */
  constructor(issues: readonly Issue[]) {
    super(issues.map(({ message }) => message).join("; "));
    this.issues = issues;
    Object.defineProperty(this, "name", { value: SchemaError.name, configurable: true });
  }
}

/**
 * The value of what was validated; throws what is wrong with it.
 *
 * @internal
 */
export function valueOf<Value>(validated: Validated<Value>): Value {
  if (validated.issues) {
    throw new SchemaError(validated.issues);
  }
  return validated.value;
}
