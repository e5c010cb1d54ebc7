/** Tokens of one issuer (RFC 7519). */
export interface JwtSettings {
  readonly issuer: string
  readonly audience: string
  readonly jwksUrl: string
  /** Names of claims. */
  readonly tenantClaim: string
  readonly scopeClaim: string
}
