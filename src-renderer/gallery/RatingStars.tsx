import { Star } from 'lucide-react';
import { classes } from '../ui/classes.ts';

const stars = [1, 2, 3, 4, 5] as const;

interface RatingStarsProps {
  rating: number;
  /** The star that is the rating already takes it back. */
  onRate: (rating: number) => void;
  size?: number;
  /** Only for the pointer: where the keys 0 to 5 do the same. */
  outOfTabOrder?: boolean;
}

/** Five stars to click. */
export function RatingStars({ rating, onRate, size = 20, outOfTabOrder }: RatingStarsProps) {
  return (
    <fieldset className="m-0 flex border-0 p-0" aria-label={`Rating: ${ratingWords(rating)}`}>
      {stars.map((star) => (
        <button
          key={star}
          type="button"
          tabIndex={outOfTabOrder ? -1 : undefined}
          aria-label={star === rating ? 'Take the rating back' : `Rate ${ratingWords(star)}`}
          aria-pressed={star <= rating}
          onClick={(event) => {
            event.stopPropagation();
            onRate(star === rating ? 0 : star);
          }}
          className="group/star rounded-sm p-0.5 text-edge hover:text-warn aria-pressed:text-warn"
        >
          <Star
            size={size}
            strokeWidth={1.75}
            aria-hidden="true"
            className={classes(star <= rating && 'fill-current')}
          />
        </button>
      ))}
    </fieldset>
  );
}

export function ratingWords(rating: number): string {
  return rating === 0 ? 'not rated' : `${rating} of 5`;
}
