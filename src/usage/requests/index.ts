export { answerSearch } from './answer-search.js';
export { RequestsQueryDto } from './requests-query.dto.js';
export { SearchDocs } from './requests.docs.js';
export { RequestListDto } from './requests.dto.js';
export { Requests } from './requests.js';
export { RequestsController } from './requests.controller.js';
export { RequestsStore } from './requests.store.js';
