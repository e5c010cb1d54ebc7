import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { publishEvents } from '../../../src/protocol/operations.ts'

const component = await readFile(join(import.meta.dirname, '../../../examples/dapr/eventstore.yaml'), 'utf8')

/** The values of one name, in order; the file is small and flat enough for that. */
const valuesOf = (name: string) =>
  [...component.matchAll(new RegExp(`^[ -]*${name}: +"?([^"\\n]+?)"?$`, 'gm'))].map(([, value]) => value)

/** The value of an entry of the component's metadata. */
const metadata = (name: string) => new RegExp(`- name: ${name}\\n +value: "([^"]+)"`).exec(component)?.[1]

describe("the component for Dapr's HTTP binding", () => {
  it('is the binding that the SDK calls', () => {
    expect(valuesOf('kind')).toEqual(['Component'])
    expect(valuesOf('type')).toEqual(['bindings.http'])
    expect(valuesOf('name')[0]).toBe('eventstore')
  })

  it('points at the operation that publishes, with nothing to append', () => {
    const url = new URL(metadata('url') ?? '')
    expect({ method: 'POST', path: url.pathname }).toEqual({ method: publishEvents.method, path: publishEvents.path })
    expect(url.protocol).toBe('https:')
  })

  it('authenticates by a secret, not by a value in the file', () => {
    expect(metadata('securityTokenHeader')).toBe('Authorization')
    expect(metadata('securityToken')).toBeUndefined()
    expect(component).toMatch(/- name: securityToken\n +secretKeyRef:\n +name: .+\n +key: .+/)
  })

  it('has no setting that the binding does not know', () => {
    const settings = valuesOf('name').filter((name) => !['eventstore', 'edge-event-store'].includes(name ?? ''))
    expect(settings).toEqual(['url', 'securityToken', 'securityTokenHeader', 'responseTimeout', 'errorIfNot2XX'])
  })
})
