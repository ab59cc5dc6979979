package io.loraoperator.trainer.template;

/** A name, field or element that does not exist: empty as text, an error in every other use. */
record Undefined(String what) {

  TemplateException used() {
    return TemplateException.value(what + " is undefined");
  }
}
