import { describe, expect, it } from 'vitest';
import {
  allowedIntensity,
  annualDecline,
  annualOfTotal,
  chained,
  neededAnnual,
  progressOf,
  remainingOf,
  totalOfAnnual,
} from '../../../../../src/intensity/model/tracking/path.js';

const percent = (fraction: number | null, digits: number) => Number(((fraction ?? Number.NaN) * 100).toFixed(digits));

describe('the bureau’s own example: 17 % in five years, 0.9513 after three', () => {
  const achieved = 1 - 0.9513;
  it('+1.51, −2.20 and −4.18 % chain to −4.87 %', () => {
    expect(percent(chained([0.0151, -0.022, -0.0418]), 2)).toBe(-4.87);
  });
  it('0.9513 over three years is 1.65 % a year', () => expect(percent(annualDecline(1, 0.9513, 3), 2)).toBe(1.65));
  it('3.66 % a year were planned', () => expect(percent(annualOfTotal(0.17, 5), 2)).toBe(3.66));
  it('progress is 26.8 %, worth 1.34 of five years', () => {
    const progress = progressOf(achieved, 0.17);
    expect(percent(progress, 1)).toBe(26.8);
    expect(Number(((progress ?? 0) * 5).toFixed(2))).toBe(1.34);
  });
  it('12.75 % remain, 6.59 % a year in the last two', () => {
    expect(percent(remainingOf(achieved, 0.17), 2)).toBe(12.75);
    expect(percent(neededAnnual(achieved, 0.17, 2), 2)).toBe(6.59);
  });
});

describe('the path', () => {
  it.each([
    [2020, 1],
    [2021, 0.95],
    [2022, 0.9025],
    [2023, 0.857375],
    [2024, 0.81450625],
    [2025, 0.7737809],
    [2026, 0.7350919],
  ])('allows in %d an index of %d', (year, index) => {
    expect(Number(allowedIntensity(1, 0.05, year - 2020).toFixed(8))).toBeCloseTo(index, 7);
  });
  it('compounds: 2025 is −22.62 %, not −25 %', () => expect(percent(totalOfAnnual(0.05, 5), 2)).toBe(22.62));
});

describe('at the edges', () => {
  it.each([
    ['a base of 0', annualDecline(0, 1, 3)],
    ['a negative base', annualDecline(-1, 1, 3)],
    ['a negative value', annualDecline(1, -1, 3)],
    ['no years', annualDecline(1, 1, 0)],
    ['a value that is no number', annualDecline(1, Number.NaN, 3)],
    ['progress when intensity fell to 0', progressOf(1, 0.17)],
    ['progress to no target', progressOf(0.1, 0)],
    ['what remains after 0', remainingOf(1, 0.17)],
    ['what is needed when no year is left', neededAnnual(0.1, 0.17, 0)],
  ])('%s is not defined', (_, value) => expect(value).toBeNull());

  it('a rise is a negative decline and a negative progress', () => {
    expect(annualDecline(1, 1.21, 2)).toBeCloseTo(-0.1, 12);
    expect(progressOf(-0.1, 0.17)).toBeLessThan(0);
  });
  it('beyond the target progress is above 1 and nothing is needed', () => {
    expect(progressOf(0.3, 0.17)).toBeGreaterThan(1);
    expect(neededAnnual(0.3, 0.17, 2)).toBeLessThan(0);
  });
});
