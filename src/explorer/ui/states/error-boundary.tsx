import { Component, type ReactNode } from 'react'
import { failureOf } from '../../data/failure.ts'
import { View } from '../view/view.tsx'
import { ErrorState } from './states.tsx'

interface Props {
  readonly children: ReactNode
}

/** A view that throws takes nothing down but itself. Give it the path as its key, so that going elsewhere mends it. */
export class ErrorBoundary extends Component<Props, { readonly thrown: unknown }> {
  override state = { thrown: null }

  static getDerivedStateFromError(thrown: unknown) {
    return { thrown }
  }

  override render() {
    const { thrown } = this.state
    if (thrown === null) return this.props.children
    return (
      <View title="This view failed">
        <ErrorState failure={failureOf(thrown)} onRetry={() => location.reload()} />
      </View>
    )
  }
}
