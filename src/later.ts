// What a run needs once its image is planned; and `post:`, where there is more to undo than a directory. A file of its
// own in the bundle, which a start does not even parse.
export { removeCommand } from './build/create.ts'
export { withoutClient } from './build/plugins.ts'
export { carryOut } from './pipeline.ts'
export { endLogin } from './registry/lasting.ts'
export { writeReport } from './report/write.ts'
export { planServer } from './server-plan.ts'
export { tellUnfinished } from './unfinished.ts'
