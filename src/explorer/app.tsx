import { lazy, Suspense } from 'react'
import { Route, Router, Switch, useLocation } from 'wouter'
import { ClientProvider } from './data/client.tsx'
import { decodeSegment, useRawLocation } from './routing/browser-location.ts'
import { PATHS } from './routing/paths.ts'
import { SessionProvider, useSession } from './session/session.tsx'
import { Button } from './ui/button/button.tsx'
import { AppShell } from './ui/shell/app-shell.tsx'
import { ErrorBoundary } from './ui/states/error-boundary.tsx'
import { EmptyState, ErrorState, LoadingState } from './ui/states/states.tsx'
import { View } from './ui/view/view.tsx'
import { useSearchShortcut } from './views/search/search-shortcut.ts'
import SignInView from './views/sign-in/sign-in-view.tsx'

/* Each view comes on its own, so that the first one does not wait for the graph's libraries. */
const OverviewView = lazy(() => import('./views/overview/overview-view.tsx'))
const ConversationsView = lazy(() => import('./views/conversations/conversations-view.tsx'))
const ConversationView = lazy(() => import('./views/conversation/conversation-view.tsx'))
const SearchView = lazy(() => import('./views/search/search-view.tsx'))
const UnfinishedView = lazy(() => import('./views/unfinished/unfinished-view.tsx'))
const RunsView = lazy(() => import('./views/runs/runs-view.tsx'))
const RunView = lazy(() => import('./views/runs/run-view.tsx'))

export function App() {
  return (
    <Router hook={useRawLocation}>
      <SessionProvider>
        <SessionGate />
      </SessionProvider>
    </Router>
  )
}

/** The views, for those who may read. */
function SessionGate() {
  const { state, signOut, retry, lost } = useSession()
  switch (state.kind) {
    case 'asking':
      return (
        <AppShell hasNavigation={false}>
          <LoadingState />
        </AppShell>
      )
    case 'signed-out':
      return (
        <AppShell hasNavigation={false}>
          <SignInView />
        </AppShell>
      )
    case 'failed':
      return (
        <AppShell hasNavigation={false} onSignOut={state.apiKey === null ? undefined : signOut}>
          <View title="Explorer">
            <ErrorState failure={state.failure} onRetry={retry} />
            {state.apiKey !== null && state.failure.kind === 'no-access' && (
              <div>
                <Button look="primary" onClick={signOut}>
                  Use another key
                </Button>
              </div>
            )}
          </View>
        </AppShell>
      )
    case 'open':
      return (
        <ClientProvider key={state.apiKey} apiKey={state.apiKey} onSignedOut={lost}>
          <AppShell onSignOut={state.apiKey === null ? undefined : signOut}>
            <Views />
          </AppShell>
        </ClientProvider>
      )
  }
}

function Views() {
  const [path] = useLocation()
  useSearchShortcut()
  return (
    <ErrorBoundary key={path}>
      <Suspense fallback={<LoadingState />}>
        <Routes />
      </Suspense>
    </ErrorBoundary>
  )
}

function Routes() {
  return (
    <Switch>
      <Route path={PATHS.overview} component={OverviewView} />
      <Route path={PATHS.conversations} component={ConversationsView} />
      <Route path={PATHS.conversation}>{({ id }) => <ConversationView key={id} id={decodeSegment(id)} />}</Route>
      <Route path={PATHS.search} component={SearchView} />
      <Route path={PATHS.unfinished} component={UnfinishedView} />
      <Route path={PATHS.runs} component={RunsView} />
      <Route path={PATHS.run}>{({ id }) => <RunView key={id} id={decodeSegment(id)} />}</Route>
      <Route>
        <View title="Not found">
          <EmptyState icon="search" title="There is no such page">
            Check the address.
          </EmptyState>
        </View>
      </Route>
    </Switch>
  )
}
