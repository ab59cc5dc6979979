/**
 * What operator and reporter observed.
 *
 * <p>Unmarked for nullness: what the schema requires or defaults is there when an object comes from
 * the API server, and not when a client has just made it.
 */
@NullUnmarked
package io.loraoperator.api.status;

import org.jspecify.annotations.NullUnmarked;
