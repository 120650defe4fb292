namespace Router.AppHost.Development;

/// <summary>
/// Which of the database's two roles a program gets, and nothing else of it: a reference would hand on the owner's password under several
/// more names.
/// </summary>
internal static class DatabaseRoles
{
    public static IResourceBuilder<ProjectResource> WithDatabase(this IResourceBuilder<ProjectResource> project, ReferenceExpression services) =>
        project.WithEnvironment("ConnectionStrings__routerdb", services);

    public static IResourceBuilder<ProjectResource> WithOwner(this IResourceBuilder<ProjectResource> project, IResourceBuilder<IResourceWithConnectionString> database) =>
        project.WithEnvironment("ConnectionStrings__routerdb_owner", ReferenceExpression.Create($"{database}")).WithReferenceRelationship(database);
}
