namespace Router.AppHost.Embedded;

internal static class StopOrder
{
    /// <summary>Waves: each holds what only earlier waves depend on.</summary>
    public static IEnumerable<IReadOnlyList<IRunnable>> Groups(IReadOnlyList<IRunnable> runnables)
    {
        var left = runnables.ToList();
        while (left.Count > 0)
        {
            var needed = left.SelectMany(r => Dependencies(r.Resource)).ToHashSet();
            var wave = left.Where(r => !needed.Contains(r.Resource)).ToList();
            if (wave.Count == 0) wave = [.. left];
            left = [.. left.Except(wave)];
            yield return wave;
        }
    }

    private static IEnumerable<IResource> Dependencies(IResource resource) =>
        resource.Annotations.OfType<WaitAnnotation>().Select(w => w.Resource)
            .Concat(resource.Annotations.OfType<ReferenceAnnotation>().Select(r => r.Resource));
}
