using BenchmarkDotNet.Running;

BenchmarkSwitcher.FromAssembly(typeof(Router.Benchmarks.WireBenchmarks).Assembly).Run(args);
