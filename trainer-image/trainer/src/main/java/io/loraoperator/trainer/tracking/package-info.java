/** What experiment trackers are told: TensorBoard's event files, reports to MLflow. */
@NullMarked
package io.loraoperator.trainer.tracking;

import org.jspecify.annotations.NullMarked;
