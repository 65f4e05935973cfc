/** Keeps a fault of one screen inside that screen: the rest of the window goes on. */
import { Component } from 'react';
import { ErrorNotice } from './ErrorNotice.tsx';

interface BoundaryProps {
  /** A change of place gives the screen a new chance. */
  readonly place: string;
  readonly children: React.ReactNode;
}

export class Boundary extends Component<BoundaryProps, { readonly fault: unknown }> {
  override state = { fault: undefined as unknown };

  static getDerivedStateFromError(fault: unknown): { fault: unknown } {
    return { fault };
  }

  override componentDidUpdate(before: BoundaryProps): void {
    if (before.place !== this.props.place && this.state.fault !== undefined) this.setState({ fault: undefined });
  }

  override render(): React.ReactNode {
    if (this.state.fault === undefined) return this.props.children;
    return (
      <div className="screen-body">
        <ErrorNotice error={this.state.fault} onRetry={() => this.setState({ fault: undefined })} />
      </div>
    );
  }
}
