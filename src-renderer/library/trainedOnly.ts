import { trainingMethods } from '../../src-shared/concept.ts';

/**
 * Narrows a query down to the concepts that can be used: only one that is trained has a method. Filtered in the window,
 * the first of a long library's list might all be untrained.
 */
export const trainedOnly = { methods: [...trainingMethods] };
