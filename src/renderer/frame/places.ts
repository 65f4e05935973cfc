/** The screens one can go to from everywhere, with the second key of their shortcut (g, then the letter). */
import {
  Activity,
  BriefcaseBusiness,
  Cpu,
  FlaskConical,
  ListOrdered,
  type LucideIcon,
  ScrollText,
  Settings,
} from 'lucide-react';

export interface Place {
  readonly id: 'cases' | 'queue' | 'models' | 'validation' | 'monitor' | 'log' | 'settings';
  readonly href: string;
  readonly key: string;
  readonly icon: LucideIcon;
}

export const PLACES: readonly Place[] = [
  { id: 'cases', href: '/', key: 'c', icon: BriefcaseBusiness },
  { id: 'queue', href: '/queue', key: 'q', icon: ListOrdered },
  { id: 'models', href: '/models', key: 'm', icon: Cpu },
  { id: 'validation', href: '/validation', key: 'v', icon: FlaskConical },
  { id: 'monitor', href: '/monitor', key: 'o', icon: Activity },
  { id: 'log', href: '/log', key: 'l', icon: ScrollText },
  { id: 'settings', href: '/settings', key: 's', icon: Settings },
];
