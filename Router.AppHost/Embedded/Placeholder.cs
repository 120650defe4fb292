namespace Router.AppHost.Embedded; internal static class Placeholder { }
