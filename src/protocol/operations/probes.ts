import * as answers from '../answers.ts'
import { none, operation } from './operation.ts'

export const readHealth = operation({
  method: 'GET',
  path: '/healthz',
  scope: null,
  summary: 'Is the Worker alive',
  params: none,
  query: none,
  answers: { 200: { description: 'Alive', schema: answers.Health } },
})

export const readReadiness = operation({
  method: 'GET',
  path: '/readyz',
  scope: null,
  summary: 'Is the service configured and its history reachable',
  params: none,
  query: none,
  answers: { 200: { description: 'Ready', schema: answers.Readiness } },
})
