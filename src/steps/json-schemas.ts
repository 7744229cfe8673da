import { join } from 'node:path'
import * as ts from 'typescript'
import { projectFolder } from '../folders.ts'

/** A JSON Schema (2020-12), or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>

/**
 * The schemas of the `--json` documents by the name of the command, read off the interface JsonDocuments of `file`: properties,
 * whether they may be left out, and their comments as descriptions. Keys that no schema names are allowed, so they can be added.
 *
 * @throws Error if a type holds what JSON does not have.
 */
export function jsonSchemas(file = documentsFile): Readonly<Record<string, JsonSchema>> {
  const program = ts.createProgram([file], compilerOptions, sourceHost())
  const checker = program.getTypeChecker()
  const declared = program.getSourceFile(file)?.statements.find(isDocuments)
  if (!declared) throw new Error(`${file} declares no interface JsonDocuments.`)
  const documents = checker.getTypeAtLocation(declared).getProperties()
  return Object.fromEntries(documents.map((document) => [document.name, schemaOf(document, checker, program)]))
}

const documentsFile = join(projectFolder, 'src', 'steps', 'json-documents.ts')

const compilerOptions: ts.CompilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  target: ts.ScriptTarget.ES2022,
}

/** Follows imports of this project only: no document holds a type of a package, and reading those takes seconds. */
function sourceHost(): ts.CompilerHost {
  const host = ts.createCompilerHost(compilerOptions)
  host.resolveModuleNameLiterals = (names, containingFile) =>
    names.map(({ text }) => {
      if (!text.startsWith('.')) return { resolvedModule: undefined }
      const resolvedFileName = join(containingFile, '..', text)
      return { resolvedModule: { resolvedFileName, extension: ts.Extension.Ts } }
    })
  return host
}

function isDocuments(statement: ts.Statement): statement is ts.InterfaceDeclaration {
  return ts.isInterfaceDeclaration(statement) && statement.name.text === 'JsonDocuments'
}

function schemaOf(document: ts.Symbol, checker: ts.TypeChecker, program: ts.Program): JsonSchema {
  const definitions = new Map<string, { type: ts.Type; schema: JsonSchema }>()

  const referenceTo = (name: string, type: ts.Type): JsonSchema => {
    const known = definitions.get(name)
    if (known && known.type !== type)
      throw new Error(`Two types in the document of ${document.name} are called ${name}.`)
    if (!known) {
      definitions.set(name, { type, schema: {} })
      definitions.set(name, { type, schema: withDescription(type.aliasSymbol ?? type.symbol, structureOf(type)) })
    }
    return { $ref: `#/$defs/${name}` }
  }

  const convert = (type: ts.Type): JsonSchema => {
    const name = nameOf(type, program)
    return name === undefined ? structureOf(type) : referenceTo(name, type)
  }

  const structureOf = (type: ts.Type): JsonSchema => {
    if (type.isUnion() && !(type.flags & ts.TypeFlags.Boolean)) return unionOf(type)
    const simple = simpleTypes.find(([flag]) => type.flags & flag)
    if (simple) return { type: simple[1] }
    if (type.isLiteral()) return { const: type.value }
    if (checker.isArrayType(type))
      return { type: 'array', items: convert(checker.getTypeArguments(type as ts.TypeReference)[0] ?? type) }
    if (type.getCallSignatures().length > 0 || !(type.flags & objectFlags))
      throw new Error(`The document of ${document.name} holds ${checker.typeToString(type)}, which JSON does not have.`)
    return objectOf(type)
  }

  const unionOf = (union: ts.UnionType): JsonSchema => {
    // TypeScript has a boolean in a union as its two values.
    const isTruth = (type: ts.Type) => (type.flags & ts.TypeFlags.BooleanLiteral) !== 0
    const parts = union.types.filter((type) => !(type.flags & ts.TypeFlags.Undefined) && !isTruth(type)).map(convert)
    if (union.types.some(isTruth)) parts.push({ type: 'boolean' })
    const [only] = parts
    if (parts.length === 1 && only) return only
    parts.sort((a, b) => rank(a).localeCompare(rank(b), 'en'))
    if (parts.every((part) => 'const' in part)) return { enum: parts.map((part) => part.const) }
    const isSimple = parts.every((part) => Object.keys(part).join() === 'type')
    return isSimple ? { type: parts.map(({ type }) => type) } : { anyOf: parts }
  }

  const objectOf = (type: ts.Type): JsonSchema => {
    const properties = checker.getPropertiesOfType(type).map((property) => {
      const own = checker.getTypeOfSymbol(property)
      const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0 || mayBeUndefined(own)
      return { property, own, isOptional }
    })
    const [index] = checker.getIndexInfosOfType(type)
    const required = properties.filter(({ isOptional }) => !isOptional).map(({ property }) => property.name)
    return {
      type: 'object',
      ...(properties.length > 0 && {
        properties: Object.fromEntries(
          properties.map(({ property, own }) => [property.name, withDescription(property, convert(own))]),
        ),
      }),
      ...(required.length > 0 && { required }),
      additionalProperties: index ? convert(index.type) : true,
    }
  }

  const withDescription = (symbol: ts.Symbol, schema: JsonSchema): JsonSchema => {
    const description = ts.displayPartsToString(symbol.getDocumentationComment(checker)).replace(/\s+/g, ' ')
    return description === '' ? schema : { description, ...schema }
  }

  const schema = withDescription(document, convert(checker.getTypeOfSymbol(document)))
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `${document.name} --json`,
    ...schema,
    ...(definitions.size > 0 && {
      $defs: Object.fromEntries([...definitions].map(([name, definition]) => [name, definition.schema])),
    }),
  }
}

const simpleTypes: readonly [flag: ts.TypeFlags, name: string][] = [
  [ts.TypeFlags.String, 'string'],
  [ts.TypeFlags.Number, 'number'],
  [ts.TypeFlags.Boolean, 'boolean'],
  [ts.TypeFlags.Null, 'null'],
]

/** TypeScript keeps the parts of a union in the order in which it met them anywhere; a file needs one of its own, null last. */
function rank(part: JsonSchema): string {
  return `${part.type === 'null' ? 1 : 0} ${JSON.stringify(part)}`
}

const objectFlags = ts.TypeFlags.Object | ts.TypeFlags.Intersection

function mayBeUndefined(type: ts.Type): boolean {
  return type.isUnion() && type.types.some(({ flags }) => (flags & ts.TypeFlags.Undefined) !== 0)
}

/** The name that this project gives a type; none for what is spelled out where it is used or belongs to the language. */
function nameOf(type: ts.Type, program: ts.Program): string | undefined {
  const symbol = type.aliasSymbol ?? (type.isClassOrInterface() ? type.symbol : undefined)
  const [declaration] = symbol?.declarations ?? []
  if (!declaration || type.aliasTypeArguments?.length) return undefined
  return program.isSourceFileDefaultLibrary(declaration.getSourceFile()) ? undefined : symbol?.name
}
