package io.loraoperator.operator.desired;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.loraoperator.api.LoraFineTune;
import java.util.List;

/**
 * What lets one attempt's reporter patch the status of its own object, and do nothing else. It
 * exists as long as the attempt's Pod may speak.
 */
public final class ReporterAccess {

  private static final String RBAC = "rbac.authorization.k8s.io";

  private ReporterAccess() {}

  /** ServiceAccount, Role and RoleBinding; the binding last, as it is what grants. */
  public static List<HasMetadata> of(AttemptOrder order) {
    String name = order.key().reporterName();
    return List.of(
        new ServiceAccountBuilder()
            .withMetadata(order.metadata(name))
            .withAutomountServiceAccountToken(false)
            .build(),
        new RoleBuilder()
            .withMetadata(order.metadata(name))
            .withRules(
                new PolicyRuleBuilder()
                    .withApiGroups(LoraFineTune.GROUP)
                    .withResources(LoraFineTune.PLURAL + "/status")
                    .withResourceNames(order.key().name())
                    .withVerbs("patch")
                    .build())
            .build(),
        new RoleBindingBuilder()
            .withMetadata(order.metadata(name))
            .withNewRoleRef(RBAC, "Role", name)
            .addNewSubject()
            .withKind("ServiceAccount")
            .withNamespace(order.key().namespace())
            .withName(name)
            .endSubject()
            .build());
  }
}
