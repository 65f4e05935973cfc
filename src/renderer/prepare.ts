/**
 * Runs before anything else of the renderer: the style nonce of this page load is handed to the libraries that create
 * `<style>` elements, and zod is told never to compile code, which the content security policy forbids.
 */
import { setNonce } from 'get-nonce';
import * as z from 'zod';

const meta = document.querySelector('meta[property="csp-nonce"]');

/** The nonce of this page load; empty where the host sets no policy (component tests). */
export const styleNonce = (meta instanceof HTMLElement && (meta.nonce || meta.getAttribute('nonce'))) || '';

setNonce(styleNonce);
z.config({ jitless: true });
