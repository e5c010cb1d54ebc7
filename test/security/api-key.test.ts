import { describe, expect, it } from 'vitest'
import { generateKey, hashSecret, parseKey } from '../../src/security/api-key.ts'

describe('an API key', () => {
  it('has a prefix to be known by, an id of 16 characters and a secret of 256 bits', async () => {
    const { key, key_id } = await generateKey()
    expect(key).toMatch(/^evs_[A-Za-z0-9]{16}_[A-Za-z0-9]{43}$/)
    expect(key.split('_')[1]).toBe(key_id)
    expect(Math.log2(62) * 43).toBeGreaterThan(256)
  })

  it('is another one every time, in id and secret', async () => {
    const keys = await Promise.all(Array.from({ length: 200 }, generateKey))
    expect(new Set(keys.map(({ key_id }) => key_id)).size).toBe(200)
    expect(new Set(keys.map(({ secret_hash }) => secret_hash)).size).toBe(200)
  })

  it('uses every character about as often', async () => {
    const counts = new Map<string, number>()
    const keys = await Promise.all(Array.from({ length: 1_000 }, generateKey))
    for (const { key } of keys) {
      for (const character of key.split('_')[2] ?? '') counts.set(character, (counts.get(character) ?? 0) + 1)
    }
    const expected = (1_000 * 43) / 62
    expect(counts.size).toBe(62)
    // Eight standard deviations; the first characters of a biased choice would be a quarter above.
    for (const count of counts.values()) expect(Math.abs(count - expected)).toBeLessThan(8 * Math.sqrt(expected))
  })

  it('is taken apart into its id and its secret, of which the hash is what is stored', async () => {
    const { key, key_id, secret_hash } = await generateKey()
    const parsed = parseKey(key)
    expect(parsed?.key_id).toBe(key_id)
    expect(await hashSecret(parsed?.secret ?? '')).toBe(secret_hash)
    expect(key).not.toContain(secret_hash)
  })

  it('is hashed by SHA-256', async () => {
    expect(await hashSecret('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })

  it.each([
    ['nothing', ''],
    ['the prefix', 'evs_'],
    ['no secret', `evs_${'a'.repeat(16)}`],
    ['a short id', `evs_${'a'.repeat(15)}_${'b'.repeat(43)}`],
    ['a long id', `evs_${'a'.repeat(17)}_${'b'.repeat(43)}`],
    ['a short secret', `evs_${'a'.repeat(16)}_${'b'.repeat(42)}`],
    ['a long secret', `evs_${'a'.repeat(16)}_${'b'.repeat(44)}`],
    ['another prefix', `evt_${'a'.repeat(16)}_${'b'.repeat(43)}`],
    ['an odd character', `evs_${'a'.repeat(16)}_${'b'.repeat(42)}-`],
    ['a line end', `evs_${'a'.repeat(16)}_${'b'.repeat(43)}\n`],
  ])('is not %s', (_, text) => {
    expect(parseKey(text)).toBeNull()
  })
})
