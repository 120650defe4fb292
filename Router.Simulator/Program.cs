using Router.Simulator;

await SimulatorApp.Build(args).RunAsync();
