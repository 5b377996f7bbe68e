/**
 * Slice shader: image, fills unpacked from one byte per voxel, disagreement, swipe and window preview.
 *
 * Everything a person switches is a uniform, so no switch uploads or converts a volume. Outlines are drawn by the
 * overlay, the same lines over both adapters.
 */
import { AGREEMENT_COLOURS, DISAGREEMENT_OPACITY } from '../state';

/** Most slots one byte can hold (base 2). */
export const MAX_SLOTS = 8;

const vec3 = (rgb: readonly number[]): string => `vec3(${rgb.map((value) => (value / 255).toFixed(4)).join(', ')})`;

export const SLICE_SHADER = `#version 300 es
precision highp int;
precision highp float;
uniform highp sampler3D volume;
uniform highp sampler3D drawing;
uniform bool nearestImage;
uniform vec2 gain;
uniform int base;
uniform int slots;
uniform float fills[${MAX_SLOTS}];
uniform vec3 colours[${MAX_SLOTS}];
uniform bool disagreement;
uniform float swipeX;
in vec3 texPos;
out vec4 color;

ivec3 voxelOf(ivec3 size) {
  return clamp(ivec3(floor(texPos * vec3(size))), ivec3(0), size - 1);
}

vec3 agreementColour(int count) {
  if (count == slots) return ${vec3(AGREEMENT_COLOURS.all)};
  return count == 1 ? ${vec3(AGREEMENT_COLOURS.one)} : ${vec3(AGREEMENT_COLOURS.some)};
}

void main(void) {
  float grey = nearestImage
    ? texelFetch(volume, voxelOf(textureSize(volume, 0)), 0).r
    : texture(volume, texPos).r;
  vec3 shown = vec3(clamp(grey * gain.x + gain.y, 0.0, 1.0));
  int code = int(texelFetch(drawing, voxelOf(textureSize(drawing, 0)), 0).r * 255.0 + 0.5);
  if (code > 0 && gl_FragCoord.x < swipeX) {
    int count = 0;
    for (int slot = 0; slot < ${MAX_SLOTS}; slot += 1) {
      if (slot >= slots) break;
      if (code % base > 0) {
        count += 1;
        if (!disagreement) shown = mix(shown, colours[slot], fills[slot]);
      }
      code /= base;
    }
    if (disagreement && count > 0) shown = mix(shown, agreementColour(count), ${DISAGREEMENT_OPACITY});
  }
  color = vec4(shown, 1.0);
}`;
