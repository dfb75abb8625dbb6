export * as inference from './generated/inference/inference.ts';
export * as stages from './generated/penstock/stages/v1/stages.ts';
