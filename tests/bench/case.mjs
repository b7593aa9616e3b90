// Runs one case in a process of its own, so that cases do not share a heap; prints its rows as JSON.

const { default: run } = await import(`./cases/${process.argv[2]}.mjs`);
console.log(JSON.stringify(await run()));
process.exit();
