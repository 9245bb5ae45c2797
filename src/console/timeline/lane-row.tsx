import { memo, type CSSProperties, type ReactNode } from 'react';
import { Link } from '../shell/link.tsx';
import { countWords, laneWords } from './period-words.ts';
import { lanePaths, type LaneShape, type Plot, type Scale } from './plot.ts';
import type { OwnerLane, ShownTimeline } from './timeline-data.ts';

interface LaneRowProps {
  readonly lane: OwnerLane;
  readonly shown: ShownTimeline;
  readonly plot: Plot;
  readonly shape: LaneShape;
  readonly scale: Scale;
  readonly start: number;
  readonly isOpen?: boolean;
  /** Absent: the lane cannot be opened here. */
  readonly onToggle?: (id: string) => void;
  /** Where its keys are shown, if not here. */
  readonly href?: string;
}

/** An owner, or all of them: a line, above it what a person must do, below it what happens by itself. */
export const LaneRow = memo(function LaneRow({ lane, shown, plot, shape, scale, start, ...name }: LaneRowProps) {
  const isAll = lane.id === '';
  return (
    <RowFrame className={isAll ? 'lane all' : 'lane'} lane={lane.id} start={start} height={shape.height}>
      <div className="names">
        <LaneName lane={lane} {...name} />
        <span className="count">
          {laneWords(lane)}
          {lane.byHand > 0 && (
            <>
              , <strong>{countWords(lane.byHand)} by hand</strong>
            </>
          )}
        </span>
      </div>
      <LanePicture lane={lane} shown={shown} plot={plot} shape={shape} scale={scale} />
    </RowFrame>
  );
});

type LaneNameProps = Pick<LaneRowProps, 'lane' | 'isOpen' | 'onToggle' | 'href'>;

function LaneName({ lane: { id, name }, isOpen = false, onToggle, href }: LaneNameProps) {
  if (href !== undefined) {
    return (
      <Link href={href} className="lane-name" title={name}>
        {name}
      </Link>
    );
  }
  if (onToggle === undefined) return <span className="lane-name">{name}</span>;
  return (
    <button type="button" className="plain lane-name" aria-expanded={isOpen} title={name} onClick={() => onToggle(id)}>
      <svg viewBox="0 0 10 10" aria-hidden="true">
        <path d={isOpen ? 'M1 3h8L5 8z' : 'M3 1v8l5-4z'} />
      </svg>
      {name}
    </button>
  );
}

type LanePictureProps = Pick<LaneRowProps, 'lane' | 'shown' | 'plot' | 'shape' | 'scale'>;

function LanePicture({ lane, shown, plot, shape, scale }: LanePictureProps) {
  const { stopped, byHand, byItself, rotating, peak } = lanePaths(lane.counts, shown, plot, shape, scale);
  return (
    <svg className="plot" width={plot.width} height={shape.height} aria-hidden="true">
      {stopped !== '' && <path className="stopped" d={stopped} />}
      {byHand !== '' && <path className="by-hand" d={byHand} />}
      {byItself !== '' && <path className="by-itself" d={byItself} />}
      {rotating !== '' && <path className="rotating" d={rotating} />}
      <path className="waterline" d={`M0 ${String(shape.line)}h${String(plot.width)}`} />
      {peak !== null && (
        <text className="peak" x={Math.min(peak.x, plot.width - 12)} y={peak.y}>
          {countWords(peak.count)}
        </text>
      )}
    </svg>
  );
}

interface RowFrameProps {
  readonly className: string;
  readonly lane: string;
  readonly start: number;
  readonly height: number;
  readonly children: ReactNode;
}

/** A row of a timeline, where it stands. `lane` is what its picture is read of. */
export function RowFrame({ className, lane, start, height, children }: RowFrameProps) {
  const style: CSSProperties = { transform: `translateY(${String(start)}px)`, height };
  return (
    <div role="listitem" className={`row ${className}`} data-lane={lane} style={style}>
      {children}
    </div>
  );
}
