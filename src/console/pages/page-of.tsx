import { lazy, Suspense } from 'react';
import { Waiting } from '../parts/waiting.tsx';
import { paths } from '../routes.ts';
import { HomePage } from './home-page.tsx';
import { MissingPage } from './missing-page.tsx';

const KeyListPage = lazy(() => import('./key-list/key-list-page.tsx'));
const IssuePage = lazy(() => import('./issue/issue-page.tsx'));
const KeyPage = lazy(() => import('./key/key-page.tsx'));

/** Returns the page of a path. Each page but the first is loaded when it is needed. */
export function PageOf({ path }: { readonly path: string }) {
  return <Suspense fallback={<Waiting what="the page" />}>{findPage(path)}</Suspense>;
}

function findPage(path: string) {
  const [, segment = '', id = '', ...rest] = path.split('/');
  if (path === paths.home || path === paths.signIn) return <HomePage />;
  if (segment !== 'keys' || rest.length > 0) return <MissingPage />;
  if (id === '') return <KeyListPage />;
  return id === 'new' ? <IssuePage /> : <KeyPage id={decodeURIComponent(id)} />;
}
